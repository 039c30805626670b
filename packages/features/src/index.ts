export type { GuestCommand, GuestCommandResult, GuestShell } from './guest-shell.js';
