/** A sample for a hurry: at most so many cuts, evenly spread; 0, the default, takes every one. */
const limit = Number(process.env.PHOENIX_MATRIX_CUTS ?? 0);

/** Requests that only look at something, until it is so: how often they come, if at all, depends on the moment. */
const looks = /^answered GET |^sent FRAME |\/agent\/(ping|exec)#/;

/** Whether a run may end without ever coming to this cut. */
export function isLook(cut: string): boolean {
  return looks.test(cut);
}

/**
 * The moments at which a run is killed: at every single request. Each changing one and each call of the guest agent when it is on the wire, and when its
 * answer has arrived. Frames of terminals when they are on the wire. Reading requests when they are answered: they leave the world as the request before
 * them did.
 */
export function listCuts(requests: readonly string[]): readonly string[] {
  const cuts = requests.flatMap((request) => {
    if (request.startsWith('FRAME ')) return [`sent ${request}`];
    const reads = request.startsWith('GET ') || /\/agent\/ping#\d+$/.test(request);
    return reads ? [`answered ${request}`] : [`sent ${request}`, `answered ${request}`];
  });
  if (limit === 0 || cuts.length <= limit) return cuts;
  return Array.from({ length: limit }, (_, index) => cuts[Math.floor((index * cuts.length) / limit)] ?? '');
}
