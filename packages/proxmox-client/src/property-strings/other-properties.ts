import type { Properties } from './property-string.js';

/** Properties that a setting has beside those known by name, such as those of a later release: kept, so that nothing is lost on the way back. */
export interface OtherProperties {
  readonly others?: Properties;
}

/** Keeps them, where there are any. */
export function otherProperties(rest: Properties): OtherProperties {
  return Object.keys(rest).length === 0 ? {} : { others: rest };
}
