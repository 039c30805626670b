/** Told of each record that changed: collection and key. */
export type ChangeListener = (collection: string, key: string) => void;

/**
 * A view of two-level data that tells which records change, however deep the change is: `state.guests['100'].config.main.cores = '4'` reports
 * `guests`, `100`. Reading through the view yields views; writing stores plain data.
 */
export function trackChanges<T extends object>(root: T, changed: ChangeListener): T {
  const views = new WeakMap<object, object>();
  const plain = new WeakMap<object, object>();

  const strip = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    return plain.get(value) ?? value;
  };
  const view = (target: object, collection: string | undefined, key: string | undefined): object => {
    const known = views.get(target);
    if (known !== undefined) return known;
    const report = (property: string | symbol): void => {
      if (typeof property === 'string')
        changed(collection ?? property, key ?? (collection === undefined ? '' : property));
    };
    const proxy = new Proxy(target, {
      get: (object, property, receiver) => {
        const value: unknown = Reflect.get(object, property, receiver);
        if (typeof value !== 'object' || value === null || typeof property === 'symbol') return value;
        return view(value, collection ?? property, collection === undefined ? undefined : (key ?? property));
      },
      set: (object, property, value) => {
        Reflect.set(object, property, strip(value));
        report(property);
        return true;
      },
      defineProperty: (object, property, descriptor) => {
        const done = Reflect.defineProperty(
          object,
          property,
          'value' in descriptor ? { ...descriptor, value: strip(descriptor.value) } : descriptor,
        );
        report(property);
        return done;
      },
      deleteProperty: (object, property) => {
        const done = Reflect.deleteProperty(object, property);
        report(property);
        return done;
      },
    });
    views.set(target, proxy);
    plain.set(proxy, target);
    return proxy;
  };
  // The root is of type T and so is its view; TypeScript cannot see it through Proxy.
  return view(root, undefined, undefined) as T;
}
