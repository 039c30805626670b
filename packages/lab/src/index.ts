export type { Clock } from './clock/clock.js';
export { createRealClock, createVirtualClock } from './clock/create-clock.js';
export { LabError, type LabErrorCode } from './lab-error.js';
