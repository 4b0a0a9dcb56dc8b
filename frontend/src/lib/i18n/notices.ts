// How somebody is told of what concerns them.
import { add } from './index.ts';
import words from './notices.json' with { type: 'json' };

add(words);
