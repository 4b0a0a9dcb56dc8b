// What only the screens of messages say.
import { add } from './index.ts';
import words from './messages.json' with { type: 'json' };

add(words);
