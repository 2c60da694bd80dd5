/** Addresses without hosts: they are reserved for documentation (RFC 5737 and RFC 3849). */
export const unreachableAddress = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const;
