/** What GitHub takes as the summary of one step, in bytes of UTF-8. */
export const summaryLimitBytes = 1024 * 1024;

const cutNotice = '_Cut here: the summary has reached its size limit. The JSON beside it contains everything._';

/** Joins blocks as long as there is room in {@link summaryLimitBytes}; a block that begins with a blank line stands apart from the one before. */
export function fitted(blocks: readonly string[]): string {
  const reserve = Buffer.byteLength(`\n${cutNotice}\n`);
  const kept: string[] = [];
  let bytes = 0;
  for (const [index, block] of blocks.entries()) {
    const size = Buffer.byteLength(`${block}\n`);
    const isLast = index === blocks.length - 1;
    if (bytes + size + (isLast ? 0 : reserve) > summaryLimitBytes) {
      return `${[...kept, '', cutNotice].join('\n')}\n`;
    }
    kept.push(block);
    bytes += size;
  }
  return `${kept.join('\n')}\n`;
}
