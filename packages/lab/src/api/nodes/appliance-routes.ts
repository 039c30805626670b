import { badParameter, failure } from '../../http/pve-error.js';
import { defineRoute } from '../../http/route.js';
import { APPLIANCES, applianceBytes, applianceDigest } from '../../images/appliance-index.js';
import { checksumOf, recordContent, resolveContentTarget } from '../storage/content-files.js';

const SOURCE = 'http://download.proxmox.com/images';

/** The index of container templates, and the node's download of one of them (PVE/API2/Nodes.pm, aplinfo and apl_download). */
export const applianceRoutes = [
  defineRoute('GET /nodes/{node}/aplinfo', () =>
    APPLIANCES.map(({ template, package: name, version, os }) => ({
      template,
      package: name,
      version,
      os,
      type: 'lxc',
      section: 'system',
      architecture: 'amd64',
      source: SOURCE,
      location: `${SOURCE}/system/${template}`,
      headline: `LXC default image for ${os}`,
      description: `LXC default image for ${os}`,
      infopage: 'https://linuxcontainers.org',
      maintainer: 'Proxmox Support Team <support@proxmox.com>',
      sha512sum: applianceDigest(template),
    })),
  ),

  defineRoute('POST /nodes/{node}/aplinfo', (ctx) => {
    const { lab, params, node } = ctx;
    const template = params.require('template');
    const bytes = applianceBytes(template);
    if (bytes === undefined) throw badParameter('template', 'no such template');
    const target = resolveContentTarget(
      lab,
      { node, storage: params.require('storage'), content: 'vztmpl', filename: template },
      (storage) => `storage '${storage}' does not support templates`,
    );
    return ctx.startTask({
      type: 'download',
      run: async (task) => {
        const url = `${SOURCE}/system/${template}`;
        task.log(`downloading ${url} to ${target.path}`);
        if ((await lab.files.stat(target.place, target.path)) !== undefined) {
          const got = await checksumOf(lab, target.place, target.path, 'sha512');
          const expected = applianceDigest(template);
          if (got !== expected)
            throw failure(`checksum mismatch: got '${got}' != expect '${expected}', aborting`);
          task.log(
            'calculating checksum of existing file...OK, got correct file already, no need to download',
          );
          return;
        }
        await lab.files.write(target.place, target.path, bytes);
        task.log('calculating checksum...OK, checksum verified');
        await recordContent(lab, target);
        task.log(`download of '${url}' to '${target.path}' finished`);
      },
    });
  }),
];
