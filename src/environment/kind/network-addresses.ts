const loadBalancerCount = 48;

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/**
 * Addresses of a network for LoadBalancer Services: the last ones below the broadcast address, because engines assign the first.
 *
 * @param subnet IPv4, in CIDR notation
 * @throws Error if it is not an IPv4 subnet, or too small
 */
export function loadBalancerAddresses(subnet: string): readonly string[] {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(subnet);
  const size = match ? 2 ** (32 - Number(match[2])) : 0;
  if (!match?.[1] || size < 4 * loadBalancerCount) {
    throw new Error(`the network ${subnet} has no ${loadBalancerCount} addresses to spare`);
  }
  const first = Math.floor(toNumber(match[1]) / size) * size;
  const last = first + size - 2;
  return Array.from({ length: loadBalancerCount }, (_, index) => toText(last - loadBalancerCount + 1 + index));
}
