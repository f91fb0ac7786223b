/** Milliseconds since the epoch; injected, so that tests move time instead of waiting for it. */
export type Clock = () => number;
