export type { Clock } from './clock/clock.js';
export { createRealClock, createVirtualClock } from './clock/create-clock.js';
export type { FaultEffect, FaultRule, Faults } from './faults/faults.js';
export type { LoggedRequest } from './http/pipeline.js';
export { buildGuestImages } from './images/guest-images.js';
export { LabError, type LabErrorCode } from './lab-error.js';
export { type LabOptions, type StartedLab as Lab, startLab } from './start-lab.js';
export type { NodeOptions, StorageOptions } from './state/initial-state.js';
export type { LabRelease, LabState } from './state/lab-state.js';
