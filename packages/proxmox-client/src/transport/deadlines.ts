/** Classes of operations by how long PVE may take for them. */
export type OperationClass = 'login' | 'read' | 'write' | 'agent' | 'upload' | 'terminal';

/** Time limits in milliseconds by operation class; of `upload`, since the last piece was taken by the server. */
export type Deadlines = Readonly<Record<OperationClass, number>>;

/**
 * PVE's own proxies give a call 30 s and then answer 596, so limits stay above that, to hear the answer.
 * A lock is waited for up to 10 s inside of that; an upload is answered only after PVE has copied it from its spool.
 * PVE closes the port of a terminal to which nobody came within 10 s.
 */
export const DEFAULT_DEADLINES: Deadlines = {
  login: 35_000,
  read: 40_000,
  write: 70_000,
  agent: 40_000,
  upload: 120_000,
  terminal: 10_000,
};

/** The class of a call by its route. */
export function operationClassOf(method: string, template: string): OperationClass {
  if (template === '/access/ticket') return 'login';
  if (template.includes('/agent')) return 'agent';
  return method === 'GET' ? 'read' : 'write';
}
