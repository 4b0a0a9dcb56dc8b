// What only the screens about roles say.
import { add } from './index.ts';
import words from './roles.json' with { type: 'json' };

add(words);
