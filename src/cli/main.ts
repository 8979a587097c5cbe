#!/usr/bin/env node
import { Command } from 'commander'

const program = new Command('navarch')
program.description('x')
await program.parseAsync()
