/** A queue between work that pushes and one reader that iterates; ends when closed and empty. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
  close(): void;
  fail(error: unknown): void;
}

/** Makes an empty queue. What is pushed before the reader comes is kept. */
export function createEventQueue<T>(): EventQueue<T> {
  const items: T[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  const signal = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(item) {
      items.push(item);
      signal();
    },
    close() {
      closed = true;
      signal();
    },
    fail(error) {
      failure = { error };
      closed = true;
      signal();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const item = items.shift();
        if (item !== undefined) yield item;
        else if (closed) {
          if (failure !== undefined) throw failure.error;
          return;
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
