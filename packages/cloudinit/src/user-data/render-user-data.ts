import { type Document, parseDocument } from 'yaml';
import { CloudinitError } from '../cloudinit-error.js';
import type {
  CloudConfigPart,
  JsonObject,
  JsonValue,
  SeedInput,
  SeedNotice,
  UserDataTemplate,
} from '../seed.js';
import { toYaml } from '../yaml/to-yaml.js';
import { BUILT_IN_TEMPLATE } from './built-in-template.js';
import { GUEST_AGENT_SCRIPT, GUEST_AGENT_SCRIPT_PATH } from './guest-agent-script.js';
import { joinAsMime } from './join-as-mime.js';
import { mergeCloudConfigs } from './merge-cloud-configs.js';
import { fillMarks, type MarkedText, renderTemplate, replaceMarks } from './render-template.js';
import { detectUserData } from './user-data-format.js';

export interface RenderedUserData {
  readonly text: string;
  readonly notices: readonly SeedNotice[];
}

/**
 * Renders the template and joins what Phoenix and the features add. The result begins with `#cloud-config`, or is a
 * MIME archive where the template is of another kind.
 *
 * @throws CloudinitError `CLOUDINIT_TEMPLATE`, `CLOUDINIT_YAML`, `CLOUDINIT_CONFLICT`
 */
export function renderUserData(
  input: Pick<SeedInput, 'userDataTemplate' | 'cloudConfigs' | 'guestAgent'>,
  variables: JsonObject,
): RenderedUserData {
  const template = input.userDataTemplate ?? BUILT_IN_TEMPLATE;
  const notices: SeedNotice[] = [];
  const detected = detectUserData(template.text);
  if (detected.headerMoved) {
    notices.push({
      message: `Lines before #cloud-config in ${template.path} were moved behind it.`,
      hint: 'cloud-init takes a text for a cloud-config only when #cloud-config is its first line.',
    });
  }
  if (detected.headerMissing) {
    notices.push({
      message: `The line #cloud-config was put before ${template.path}.`,
      hint: 'Write it as the first line of the template.',
    });
  }
  const additions = [
    ...(input.cloudConfigs ?? []),
    ...(input.guestAgent === false ? [] : [guestAgentPart()]),
  ];

  if (detected.format === 'other') {
    // Such texts have braces of their own: scripts, jinja, archives.
    const own = detected.text.startsWith('#!')
      ? renderScript(template, detected.text, variables)
      : detected.text;
    if (additions.length === 0) return { text: own, notices };
    return { text: joinAsMime([own, cloudConfigText(mergeCloudConfigs(additions))]), notices };
  }
  const rendered = renderTemplate({ path: template.path, text: detected.text }, variables);
  const config = parseCloudConfig(template, rendered);
  const merged = mergeCloudConfigs([{ source: `template ${template.path}`, config }, ...additions]);
  return { text: cloudConfigText(withoutNull(merged)), notices };
}

function renderScript(template: UserDataTemplate, text: string, variables: JsonObject): string {
  return replaceMarks(renderTemplate({ path: template.path, text }, variables));
}

function cloudConfigText(config: JsonObject): string {
  return `#cloud-config\n${toYaml(config)}`;
}

function guestAgentPart(): CloudConfigPart {
  return {
    source: 'guest agent',
    config: {
      write_files: [
        {
          path: GUEST_AGENT_SCRIPT_PATH,
          permissions: '0755',
          owner: 'root:root',
          content: GUEST_AGENT_SCRIPT,
        },
      ],
    },
  };
}

function parseCloudConfig(template: UserDataTemplate, rendered: MarkedText): JsonObject {
  // YAML 1.1, as PyYAML in the guest reads it: `yes` is true there.
  const document: Document = parseDocument(rendered.text, {
    version: '1.1',
    prettyErrors: false,
    uniqueKeys: true,
  });
  const error = document.errors[0];
  if (error !== undefined) {
    const before = rendered.text.slice(0, error.pos[0]).split('\n');
    throw new CloudinitError({
      code: 'CLOUDINIT_YAML',
      message: `What ${template.path} renders to is not YAML at its line ${before.length}: ${error.message.split('\n')[0]}`,
      hint: 'Look at it with `phoenix render`. Put {{…}} in quotes only where the whole value stands in them.',
      file: template.path,
      line: before.length,
      column: (before.at(-1) ?? '').length + 1,
      cause: error,
    });
  }
  const data: unknown = document.toJS({ maxAliasCount: 100 });
  const json: JsonValue = data === undefined ? null : JSON.parse(JSON.stringify(data));
  const filled = fillMarks(json, rendered.values);
  if (filled === null) return {};
  if (typeof filled !== 'object' || Array.isArray(filled)) {
    throw new CloudinitError({
      code: 'CLOUDINIT_YAML',
      message: `What ${template.path} renders to is ${Array.isArray(filled) ? 'a list' : 'a single value'}; expected keys with values.`,
      hint: 'A cloud-config holds keys such as users, packages and runcmd.',
      file: template.path,
    });
  }
  return Object.fromEntries(Object.entries(filled));
}

function withoutNull(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}
