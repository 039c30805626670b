import { badParameter } from '../../http/pve-error.js';
import type { RequestContext } from '../../http/route.js';

/**
 * Refuses parameters that only root@pam itself, not even its tokens, may give.
 * @throws PveError 400 `Only root may use this option.` for the first of them that is set.
 */
export function checkRootOnly(ctx: RequestContext, ...names: readonly string[]): void {
  if (ctx.caller.isRoot) return;
  for (const name of names) {
    const value = ctx.params.get(name);
    if (value !== undefined && value !== '' && value !== '0')
      throw badParameter(name, 'Only root may use this option.');
  }
}

/** Is the lock to be ignored (root@pam only)? */
export function skipsLock(ctx: RequestContext): boolean {
  checkRootOnly(ctx, 'skiplock');
  return ctx.params.boolean('skiplock') === true;
}
