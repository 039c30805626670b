import { hashSecret } from './access/authenticate.js';
import type { Lab } from './lab.js';
import { LabError } from './lab-error.js';
import { printGuestConfig } from './state/guest-config.js';
import { CONTENT_DIRECTORIES } from './storage/volume-name.js';

/** What a person does on a node's own shell, and no API call can. */
export interface NodeShell {
  /** The text of a guest's configuration file. */
  readGuestConfig(vmid: number): string;
  /** Puts a file into a storage's `snippets` directory; a hook script must be executable. */
  writeSnippet(
    node: string,
    storage: string,
    name: string,
    text: string,
    options?: { executable?: boolean },
  ): Promise<void>;
  /** Puts bytes at an absolute path. */
  writeFile(node: string, path: string, bytes: Uint8Array): Promise<void>;
  /** `pveum user token add` with a chosen secret; makes the user if there is none. */
  addToken(userid: string, tokenid: string, secret: string, options?: { privsep?: boolean }): void;
}

/** @see NodeShell */
export function createNodeShell(lab: Lab): NodeShell {
  return {
    readGuestConfig: (vmid) => {
      const guest = lab.state.guests[String(vmid)];
      if (guest === undefined) throw new LabError('LAB_OPTION', `There is no guest ${vmid} in the lab.`);
      return printGuestConfig(guest.config);
    },
    writeSnippet: async (node, storage, name, text, { executable = false } = {}) => {
      const entry = lab.storages.entry(storage);
      const place = entry.shared === true ? '' : node;
      const root = entry.path ?? (storage === 'local' ? '/var/lib/vz' : `/mnt/pve/${storage}`);
      const path = `${root}/${CONTENT_DIRECTORIES.snippets}/${name}`;
      const bytes = Buffer.from(text);
      await lab.files.write(place, path, bytes);
      const volid = `${storage}:snippets/${name}`;
      lab.state.volumes[`${place}/${volid}`] = {
        volid,
        storage,
        node: place,
        content: 'snippets',
        format: 'snippet',
        sizeBytes: bytes.length,
        usedBytes: bytes.length,
        ctime: Math.floor(lab.clock.now() / 1000),
        ...(executable ? { executable: true } : {}),
      };
      lab.commit();
    },
    writeFile: async (node, path, bytes) => {
      await lab.files.write(node, path, bytes);
    },
    addToken: (userid, tokenid, secret, { privsep = false } = {}) => {
      lab.state.users[userid] ??= { enable: true, expire: 0, groups: [], tokens: {} };
      const user = lab.state.users[userid];
      user.tokens[tokenid] = { privsep, expire: 0, secretHash: hashSecret(secret) };
      lab.commit();
    },
  };
}
