import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { NO_AUTHORIZATION } from '../auth/no-authorization.js';
import { ticketAuthorization } from '../auth/ticket-authorization.js';
import { tokenAuthorization } from '../auth/token-authorization.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { DEFAULT_DEADLINES } from '../transport/deadlines.js';
import { type Endpoints, openEndpoints } from '../transport/endpoints.js';
import { openWebSocket } from '../transport/open-websocket.js';
import { type Authorization, type Sender, sendRequest } from '../transport/send-request.js';
import { readFingerprints, type Trust } from '../transport/trust.js';
import type { ProxmoxClientOptions } from './client-options.js';
import { createCaller } from './create-caller.js';
import type { Exchange, ProxmoxClient } from './proxmox-client.js';

/**
 * Makes a client of one Proxmox VE cluster. Nothing is sent before the first call.
 * @throws ProxmoxError PVE_OPTIONS when the options make no sense
 */
export function createProxmoxClient(options: ProxmoxClientOptions): ProxmoxClient {
  const trust = readTrust(options);
  const endpoints = openEndpoints([options.url].flat(), {
    trust,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    connections: options.connections ?? 16,
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
  });
  const deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
  const sender: Sender = {
    endpoints,
    authorization: authorizationOf(options, endpoints, deadlines.login),
    retries: options.retries ?? 2,
  };
  const callOptions = {
    deadlines,
    checkParameters: options.checkParameters ?? true,
    coerceAnswers: options.coerceAnswers ?? true,
  };
  const call = createCaller(sender, callOptions);
  return {
    endpoints: endpoints.all.map(({ origin }) => origin),
    deadlines,
    request: (route, ...[parameters, requestOptions]) => call(route, parameters, requestOptions).then(dataOf),
    exchange: (route, ...[parameters, requestOptions]) => call(route, parameters, requestOptions),
    forRelease: (release) => {
      const callOfRelease = createCaller(sender, callOptions, release);
      return {
        release,
        request: (route, ...[parameters, requestOptions]) =>
          callOfRelease(route, parameters, requestOptions).then(dataOf),
      };
    },
    send: (request) => sendRequest(sender, request),
    openWebSocket: (request) => openWebSocket(sender, request),
    close: () => endpoints.close(),
  };
}

function dataOf<T>({ data }: Exchange<T>): T {
  return data;
}

function authorizationOf(
  { token, ticket }: ProxmoxClientOptions,
  endpoints: Endpoints,
  timeoutMs: number,
): Authorization {
  if (token !== undefined && ticket !== undefined) {
    throw new ProxmoxError('PVE_OPTIONS', 'expected either a token or a ticket, got both');
  }
  if (ticket !== undefined) return ticketAuthorization(ticket, { endpoints, timeoutMs });
  return token === undefined ? NO_AUTHORIZATION : tokenAuthorization(token);
}

function readTrust(options: ProxmoxClientOptions): Trust {
  const fingerprints = readFingerprints(options.fingerprint);
  const ca = [options.ca ?? [], options.caFile === undefined ? [] : readCaFile(options.caFile)].flat();
  for (const pem of ca) requireCertificates(pem);
  const insecure = options.insecure === true && fingerprints.size === 0 && ca.length === 0;
  if (insecure) {
    process.emitWarning(
      'Certificates of Proxmox VE are not checked: anybody on the way can read the credentials. Pin the fingerprint instead.',
      {
        code: 'PVE_TLS_INSECURE',
      },
    );
  }
  return { fingerprints, insecure, ...(ca.length === 0 ? {} : { ca }) };
}

function readCaFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ProxmoxError('PVE_OPTIONS', `expected a readable file of CA certificates, got ${file}`, {
      cause,
    });
  }
}

function requireCertificates(pem: string): void {
  const blocks =
    pem.match(/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----.*?-----END \1?CERTIFICATE-----/gs) ?? [];
  try {
    if (blocks.length === 0) throw new Error('there is none in it');
    for (const block of blocks) new X509Certificate(block);
  } catch (cause) {
    throw new ProxmoxError('PVE_OPTIONS', 'expected CA certificates in PEM, got something else', { cause });
  }
}
