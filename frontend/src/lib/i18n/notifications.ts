// What only the inbox says.
import { add } from './index.ts';
import words from './notifications.json' with { type: 'json' };

add(words);
