/** Until a gateway knows of a new route or endpoint, by a push of istiod, on a busy cluster. */
export const longestPushMs = 10_000;
