import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import ts from 'typescript';
import { afterEach, describe, expect, it } from 'vitest';
import { de } from './de.js';
import { en } from './en.js';
import { speak } from './language.js';
import { say } from './words.js';

const keys = Object.keys(en) as (keyof typeof en)[];
const sources = sourcesIn(join(import.meta.dirname, '..'));

afterEach(() => speak('en'));

describe('the message files', () => {
  it('have the same texts', () => {
    expect(Object.keys(de)).toEqual(keys);
  });

  it('name the same values in each text', () => {
    const differing = keys.filter((key) => String(valuesIn(en[key])) !== String(valuesIn(de[key])));
    expect(differing).toEqual([]);
  });

  it('have no text that nothing shows', () => {
    const used = new Set<string>();
    const beginnings: string[] = [];
    for (const { file } of sources)
      walk(file, (node) => {
        if (ts.isStringLiteralLike(node)) used.add(node.text);
        else if (ts.isTemplateExpression(node) && node.head.text.includes('.'))
          beginnings.push(node.head.text);
      });
    const isUsed = (key: string) =>
      used.has(key) || beginnings.some((beginning) => key.startsWith(beginning));

    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it('have all texts: no component has one of its own', () => {
    const own = sources.flatMap(({ name, file }) => textsIn(file).map((text) => `${name}: ${text}`));
    expect(own).toEqual([]);
  });
});

describe('a text', () => {
  it('is said in the language that is spoken, with its plural', () => {
    const english = [1, 2].map((held) => say('day.count', { held, gone: 0 }));
    speak('de');
    const german = [1, 2].map((held) => say('day.count', { held, gone: 1 }));

    expect(english).toEqual(['1 appointment', '2 appointments']);
    expect(german).toEqual(['1 Termin, 1 abgesagt', '2 Termine, 1 abgesagt']);
  });

  it('shows what is put into it as it is', () => {
    expect(say('one.messageTo', { name: "<b>{name}</b> O'Neill #" })).toBe(
      "Message to <b>{name}</b> O'Neill #",
    );
  });

  it('keeps a name from right to left together', () => {
    expect(say('one.messageTo', { name: 'נועה' })).toBe('Message to \u2068נועה\u2069');
  });
});

interface Source {
  readonly name: string;
  readonly file: ts.SourceFile;
}

function sourcesIn(folder: string): readonly Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|\.d\.ts$|^(words\/(en|de)|realtime\/)/.test(name))
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return { name, file: ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX) };
    });
}

/** Texts for people, as far as one can tell them from those for programs. */
function textsIn(file: ts.SourceFile): string[] {
  const texts: string[] = [];
  walk(file, (node) => {
    if (ts.isJsxText(node)) texts.push(node.text.trim());
    else if (ts.isStringLiteralLike(node) && isShown(node)) texts.push(node.text);
    else if (ts.isTemplateExpression(node) && isShown(node)) texts.push(node.getText());
  });
  return texts.filter((text) => /\p{L}{2}/u.test(text.replaceAll(/\$\{[^}]*\}/g, '')) && !isName(text));
}

const shown = ['aria-label', 'alt', 'label', 'placeholder', 'subtitle', 'title', 'backLabel', 'text', 'hint'];

function isShown(node: ts.StringLiteralLike | ts.TemplateExpression): boolean {
  const { parent } = node;
  if (ts.isJsxAttribute(parent)) return shown.includes(parent.name.getText());
  const isError =
    ts.isNewExpression(parent) || (ts.isCallExpression(parent) && parent.getText().startsWith('super'));
  // A sentence begins with a capital and goes on.
  const sentence = /^[\p{Lu}“].*\s\p{L}/u;
  return !isError && sentence.test(ts.isTemplateExpression(node) ? node.head.text + ' x' : node.text);
}

/** What is called the same in each language, and what is no text. */
function isName(text: string): boolean {
  return ['Carillon', 'Mac OS X', 'English', 'Deutsch'].includes(text) || text.startsWith('`Bearer ');
}

function walk(node: ts.Node, look: (node: ts.Node) => void): void {
  if (ts.isImportDeclaration(node)) return;
  look(node);
  ts.forEachChild(node, (child) => walk(child, look));
}

function valuesIn(message: string): string[] {
  return [...new Set(parse(message).flatMap(valuesOf))].toSorted();
}

function valuesOf(element: MessageFormatElement): string[] {
  if (element.type === TYPE.literal || element.type === TYPE.pound) return [];
  if (element.type === TYPE.tag) return [element.value, ...element.children.flatMap(valuesOf)];
  if (element.type !== TYPE.select && element.type !== TYPE.plural) return [element.value];
  return [element.value, ...Object.values(element.options).flatMap(({ value }) => value.flatMap(valuesOf))];
}
