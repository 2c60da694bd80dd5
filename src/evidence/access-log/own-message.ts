/** Messages of Envoy and of Istio's agent: a time and a level, as text or as JSON. */
const ownMessage = /^(?:\S+\s+(?:trace|debug|info|warn|warning|error|critical|fatal)\b|\{"level":|\s*$)/i;

/** Whether a line of a gateway's log is a message of the proxy, and not a request in a format that is not known. */
export function isOwnMessage(line: string): boolean {
  return ownMessage.test(line);
}
