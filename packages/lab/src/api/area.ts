import type { Route } from '../http/route.js';
import type { Lab } from '../lab.js';

/** A part of the API with its own folder. */
export interface ApiArea {
  readonly name: string;
  readonly routes: readonly Route[];
  /** Called once when the lab has started: to listen to guests that exit, for instance. */
  start?(lab: Lab): void;
}
