/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object; `undefined` members are left out when printed. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}
