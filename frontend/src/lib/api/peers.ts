// Other servers, and how deliveries to them go; for administrators.
import type { Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen';

export type Peer = components['schemas']['Peer'];
export type Peers = components['schemas']['Peers'];
export type PeerState = Peer['state'];

export const peerStates = ['failing', 'dormant', 'paused', 'well'] as const satisfies readonly PeerState[];

const at = (host: string): { path: { host: string } } => ({ path: { host } });

export const peers = (query: Query<'/admin/peers'>): Promise<Peers> =>
	ask(client.GET('/admin/peers', { params: { query } }));

export const retryPeer = (host: string): Promise<Peer> =>
	ask(client.POST('/admin/peers/{host}/retry', { params: at(host) }));

export const pausePeer = (host: string): Promise<Peer> =>
	ask(client.PUT('/admin/peers/{host}/pause', { params: at(host) }));

export const resumePeer = (host: string): Promise<Peer> =>
	ask(client.DELETE('/admin/peers/{host}/pause', { params: at(host) }));

export const forgetPeer = (host: string): Promise<Peer> =>
	ask(client.DELETE('/admin/peers/{host}', { params: at(host) }));

export const discardVotes = (host: string): Promise<{ votes: number }> =>
	ask(client.DELETE('/admin/peers/{host}/votes', { params: at(host) }));
