import type { UserDataTemplate } from '../seed.js';

/** The template of user-data that is used where the user has none. */
export const BUILT_IN_TEMPLATE: UserDataTemplate = {
  path: 'built-in user-data template',
  text: `#cloud-config
hostname: {{hostname}}
fqdn: {{fqdn}}
manage_etc_hosts: true
{{#if user}}
users:
  - name: {{user.username}}
{{#if user.comment}}
    gecos: {{user.comment}}
{{/if}}
{{#if user.groups}}
    groups: {{json user.groups}}
{{/if}}
{{#unless user.is_root}}
    sudo: ALL=(ALL) NOPASSWD:ALL
{{/unless}}
    shell: {{user.shell}}
{{#if user.password_hash}}
    lock_passwd: false
    hashed_passwd: {{user.password_hash}}
{{else}}
    lock_passwd: true
{{/if}}
{{#if user.ssh_keys}}
    ssh_authorized_keys: {{json user.ssh_keys}}
{{/if}}
{{#if user.is_root}}
disable_root: false
{{/if}}
{{/if}}
`,
};
