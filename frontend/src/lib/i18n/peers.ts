// What only the screens about other servers say.
import { add } from './index.ts';
import words from './peers.json' with { type: 'json' };

add(words);
