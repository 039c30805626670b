/** Cuts at every reading request too, as often as it comes: `PHOENIX_MATRIX_ALL=1`. */
const every = process.env.PHOENIX_MATRIX_ALL === '1';
/** A sample for a hurry: at most so many cuts, evenly spread. */
const limit = Number(process.env.PHOENIX_MATRIX_CUTS ?? 0);

/** Looks that a run repeats until something is so; how often depends on the moment. */
const looks =
  /^GET .*\/(tasks\/.*\/(status|log)|status\/current|exec-status|config)#|\/agent\/(ping|exec)#|^FRAME /;

/** Whether a run may end without ever coming to this request. */
export function isLook(cut: string): boolean {
  return looks.test(cut.slice(cut.indexOf(' ') + 1));
}

/** Of the terminals of a container, so many are cut at each of their frames; the later ones only at the last, with which the command is complete. */
const wholeTerminals = 3;

interface Named {
  readonly request: string;
  /** Without its number: `GET /nodes/pve/qemu/8001/config`. */
  readonly kind: string;
  readonly number: number;
}

function readName(request: string): Named {
  const at = request.lastIndexOf('#');
  return { request, kind: request.slice(0, at), number: Number(request.slice(at + 1)) };
}

/** The frames to cut at, by name. */
function chooseFrames(requests: readonly Named[]): ReadonlySet<string> {
  const terminals = new Map<string, string[][]>();
  for (const { request, kind } of requests) {
    const path = kind.slice(kind.indexOf(' ') + 1);
    if (!path.endsWith('/vncwebsocket')) continue;
    const known = terminals.get(path) ?? [];
    terminals.set(path, known);
    if (kind.startsWith('FRAME ')) known.at(-1)?.push(request);
    else known.push([]);
  }
  return new Set(
    [...terminals.values()].flatMap((sessions) =>
      sessions.flatMap((frames, index) => (every || index < wholeTerminals ? frames : frames.slice(-1))),
    ),
  );
}

/**
 * The moments at which a run is killed. Each changing request and each call of the guest agent: when it is on the wire, and when its answer has arrived. Frames
 * of terminals when they are on the wire. Of reading requests, which leave the world as the request before them did, each kind once for the first and once
 * for the last time that it comes; the plain clones `alike` are read as the first clone is. With `PHOENIX_MATRIX_ALL=1` every request and frame.
 */
export function listCuts(names: readonly string[], alike: readonly number[] = []): readonly string[] {
  const requests = names.map(readName);
  const last = new Map(requests.map(({ kind, number }) => [kind, number]));
  const frames = chooseFrames(requests);
  const isAlike = (kind: string) => alike.some((vmid) => kind.includes(`/${vmid}/`));
  const cuts = requests.flatMap(({ request, kind, number }) => {
    if (kind.startsWith('FRAME ')) return frames.has(request) ? [`sent ${request}`] : [];
    if (!kind.startsWith('GET ') && !kind.endsWith('/agent/ping'))
      return [`sent ${request}`, `answered ${request}`];
    const ends = number === 1 || number === last.get(kind) || kind.endsWith('/agent/exec-status');
    return every || (ends && !isAlike(kind)) ? [`answered ${request}`] : [];
  });
  if (limit === 0 || cuts.length <= limit) return cuts;
  return Array.from({ length: limit }, (_, index) => cuts[Math.floor((index * cuts.length) / limit)] ?? '');
}
