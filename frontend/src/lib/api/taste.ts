// How the reader likes lists of posts.
import { ask, client } from './client.ts';
import type { components } from './schema.gen.d.ts';

export type Taste = components['schemas']['Taste'];

export const setTaste = (body: Taste): Promise<Taste> => ask(client.PUT('/me/taste', { body }));
