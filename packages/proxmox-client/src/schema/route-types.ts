import type { Routes, Routes84, Routes92 } from './generated/routes.js';

/** The calls of each release, and under `any` of all of them together. */
export interface RoutesByRelease {
  readonly any: Routes;
  readonly '8.4': Routes84;
  readonly '9.2': Routes92;
}

/** A release whose API is known in detail. */
export type Release = '8.4' | '9.2';

/** A verb and a path: `GET /nodes/{node}/qemu`. */
export type Route<R extends keyof RoutesByRelease = 'any'> = keyof RoutesByRelease[R] & string;

/** The parameters of a call: those of its path, query and body in one object. */
export type RouteParameters<K extends Route> = Routes[K]['params'];

/** What a call returns as `data`; of objects, keys that the schema does not know are there at run time too. */
export type RouteData<K extends Route> = Routes[K]['data'];

/** The arguments after the route: parameters may be left out where none is required. */
export type RequestArguments<P, O> =
  Partial<P> extends P
    ? [parameters?: P | undefined, options?: O | undefined]
    : [parameters: P, options?: O | undefined];
