export { EXIT_CODES, type ExitCodeName } from './exit-codes.js';
