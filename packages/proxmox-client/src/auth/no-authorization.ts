import type { Authorization } from '../transport/send-request.js';

/** For the few calls that anybody may make, such as GET /access/domains. */
export const NO_AUTHORIZATION: Authorization = {
  headers: () => ({}),
  renew: async () => false,
  secrets: () => [],
};
