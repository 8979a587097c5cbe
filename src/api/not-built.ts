/** What a kind still lacks of the original's own rules. This list only shrinks. */
export const notBuilt: readonly { kind: string; missing: readonly string[] }[] = [
  { kind: 'CustomResourceDefinition', missing: ['type checks and cost limits of CEL rules, some functions of their library (ip, cidr, url, format, sets)'] },
  { kind: 'ValidatingAdmissionPolicy', missing: ['compiling of CEL expressions'] },
  { kind: 'MutatingAdmissionPolicy', missing: ['compiling of CEL expressions'] },
  { kind: 'MutatingWebhookConfiguration', missing: ['compiling of CEL match conditions'] },
  { kind: 'ValidatingWebhookConfiguration', missing: ['compiling of CEL match conditions'] },
  { kind: 'ResourceClaim', missing: ['compiling of CEL selectors'] },
  { kind: 'ResourceClaimTemplate', missing: ['compiling of CEL selectors'] },
  { kind: 'DeviceClass', missing: ['compiling of CEL selectors'] },
]
