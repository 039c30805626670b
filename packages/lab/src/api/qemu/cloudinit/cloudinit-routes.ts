import { defineRoute, type Route } from '../../../http/route.js';
import { cloudInitPendingView } from '../config/config-view.js';
import { checkConfigLock, guestOf, isRunning, withGuestLock } from '../guest-access.js';
import { guestDefinition } from '../guest-definition.js';
import { cloudInitDrive, cloudInitTexts, generateCloudInit } from './generate.js';

const base = '/nodes/{node}/qemu/{vmid}/cloudinit';

/** The cloud-init drive: what waits for it, generating it anew, and the texts as they would be. */
export const cloudInitRoutes: readonly Route[] = [
  defineRoute(`GET ${base}`, (ctx) => cloudInitPendingView(guestOf(ctx).config)),
  defineRoute(`PUT ${base}`, async (ctx) => {
    const { lab, node } = ctx;
    const guest = guestOf(ctx);
    await withGuestLock(lab, node, guest.vmid, { signal: ctx.signal }, async () => {
      checkConfigLock(guest.config);
      if (cloudInitDrive(guest.config.main) === undefined) return;
      await generateCloudInit(lab, guest);
      // A running guest gets the new medium in place of the old.
      if (isRunning(lab, guest.vmid)) await lab.runtime.hotplug(guestDefinition(lab, guest));
    });
    return undefined;
  }),
  defineRoute(`GET ${base}/dump`, (ctx) => {
    const guest = guestOf(ctx);
    const texts = cloudInitTexts(ctx.lab, guest);
    switch (ctx.params.require('type')) {
      case 'user':
        return mayReadPassword(ctx)
          ? texts.userData
          : texts.userData.replace(/^password: .*$/m, 'password: **********');
      case 'network':
        return texts.networkData;
      default:
        return texts.metaData;
    }
  }),
];

/** Since 9.1 the password is shown only to those who may set it. */
function mayReadPassword(ctx: Parameters<Route['handler']>[0]): boolean {
  if (ctx.lab.release === '8.4') return true;
  return ctx.lab.access.hasGuest(ctx.caller, ctx.params.requireInteger('vmid'), undefined, [
    'VM.Config.Cloudinit',
  ]);
}
