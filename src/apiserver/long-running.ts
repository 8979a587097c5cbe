import type { RequestInfo } from './request-info'

const subresources = new Set(['attach', 'exec', 'proxy', 'log', 'portforward'])

/** Requests that have an answer long before they have an end: they have no deadline and no place among those in flight. */
export const isLongRunning = ({ verb, isResource, subresource }: RequestInfo): boolean => verb === 'watch' || verb === 'proxy' || (isResource && subresources.has(subresource))
