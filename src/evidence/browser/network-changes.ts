/**
 * Chromium's code for a navigation that it ended because an interface or address of the machine changed
 * (net/base/net_error_list.h). It says nothing about the page.
 */
const networkChangedCode = 'ERR_NETWORK_CHANGED';

/**
 * Navigates again each time the browser ended the navigation because the network of the machine changed.
 *
 * @param onChange is called before each repetition, with the number of changes so far
 * @param signal ends the repetitions; its owner has the time limit
 * @throws what `navigate` throws for any other reason, or the last change once the signal is aborted
 */
export async function throughNetworkChanges<Result>(
  navigate: () => Promise<Result>,
  onChange: (changes: number) => void,
  signal: AbortSignal,
): Promise<Result> {
  for (let changes = 1; ; changes += 1) {
    try {
      return await navigate();
    } catch (error) {
      const isChange = error instanceof Error && 'code' in error && error.code === networkChangedCode;
      if (!isChange || signal.aborted) throw error;
      onChange(changes);
    }
  }
}
