// What only the door says, and those who look after it.
import { add } from './index.ts';
import words from './joining.json' with { type: 'json' };

add(words);
