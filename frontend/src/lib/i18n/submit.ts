// What only the page says where posts are written.
import { add } from './index.ts';
import words from './submit.json' with { type: 'json' };

add(words);
