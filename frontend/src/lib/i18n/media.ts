// What is said where pictures, films and sounds are added and shown.
import { add } from './index.ts';
import words from './media.json' with { type: 'json' };

add(words);
