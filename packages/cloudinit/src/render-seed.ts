import { createHash } from 'node:crypto';
import { hashPassword, isPasswordHash, saltFor } from './hash-password.js';
import { renderMetaData } from './render-meta-data.js';
import { renderNetworkConfig } from './render-network-config.js';
import type { JsonObject, RenderedSeed, SeedInput, SeedNotice, SeedUser } from './seed.js';
import { renderUserData } from './user-data/render-user-data.js';
import { validateSeed } from './validate-seed.js';

/**
 * Renders and checks the seed of a guest. Pure: equal input, equal seed, byte for byte. A password in the clear
 * leaves it only as a SHA-512 crypt hash.
 *
 * @throws CloudinitError when the template, the network or a part is wrong; see `CLOUDINIT_ERROR_CODES`.
 */
export function renderSeed(input: SeedInput): RenderedSeed {
  const [hostname = input.name] = input.name.split('.');
  const domain = (input.networks ?? []).flatMap((network) => network.searchDomains ?? [])[0];
  const fqdn = input.name.includes('.') || domain === undefined ? input.name : `${input.name}.${domain}`;
  const user = input.user === undefined ? null : userVariables(input.user, input.name);
  const variables: JsonObject = {
    hostname,
    fqdn,
    name: input.name,
    user,
    username: input.user?.username ?? '',
    ssh_keys: [...(input.user?.sshKeys ?? [])],
    password_hash: user === null ? '' : user.password_hash,
    ...input.variables,
  };
  const userData = renderUserData(input, variables);
  const networkConfig = renderNetworkConfig(input.networks ?? []);
  const instanceId = input.instanceId ?? contentId(userData.text, networkConfig ?? '', input.name);
  const seed = {
    userData: userData.text,
    metaData: renderMetaData({ instanceId, hostname }),
    ...(networkConfig === undefined ? {} : { networkConfig }),
  };
  const notices = [...userData.notices, ...unusedUserNotices(input, userData.text), ...validateSeed(seed)];
  return { ...seed, instanceId, notices };
}

function contentId(...parts: readonly string[]): string {
  return `phoenix-${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 20)}`;
}

function userVariables(user: SeedUser, name: string) {
  const { password } = user;
  const hash =
    password === undefined || isPasswordHash(password)
      ? (password ?? '')
      : hashPassword(password, saltFor(`${name}\0${user.username}`));
  return {
    username: user.username,
    comment: user.comment ?? '',
    groups: [...(user.groups ?? [])],
    shell: user.shell ?? '/bin/bash',
    ssh_keys: [...(user.sshKeys ?? [])],
    password_hash: hash,
    is_root: user.username === 'root',
  };
}

/** A template of the user's may leave out what the configuration asks for; that is allowed, and said. */
function unusedUserNotices({ userDataTemplate, user }: SeedInput, text: string): readonly SeedNotice[] {
  if (userDataTemplate === undefined || user === undefined || text.startsWith('Content-Type:')) return [];
  const notices: SeedNotice[] = [];
  const missing = (user.sshKeys ?? []).filter((key) => !text.includes(key.split(/\s+/)[1] ?? key));
  if (missing.length > 0) {
    notices.push({
      message: `${userDataTemplate.path} leaves out ${missing.length} of the SSH keys of ${user.username}.`,
      hint: 'Write `ssh_authorized_keys: {{json ssh_keys}}` for the user.',
    });
  }
  if (!text.includes(user.username)) {
    notices.push({
      message: `${userDataTemplate.path} does not make the user ${user.username}.`,
      hint: 'Use {{username}} under `users`.',
    });
  }
  return notices;
}
