export { CLI_ERROR_CODES, CliError, type CliErrorCode, type CliErrorOptions } from './cli-error.js';
export { EXIT_CODES, type ExitCodeName } from './exit-codes.js';
