"""Writes many mutants into one program, each behind a number, so that `scripts/mutants` builds once and not once for each.

The body of a function becomes

    {
    if MutantSwitch.number == 7 {
        the body as mutant 7 has it
    } else {
        the body as it is
    }
    }

and `MutantSwitch.number` is read from a file when a process first asks. A mutant that breaks anything else than the body of a function,
an initializer, a subscript or an accessor cannot be written so, and is built by itself.
"""

import os
import re

OPENING = re.compile(r"(?<![\w.`])(?:func\s|init[?!]?\s*[(<]|subscript\s*[(<]|deinit\b)")
ACCESSOR = re.compile(r"^\s*(?:(?:mutating|nonmutating)\s+)?(?:get|set|willSet|didSet)\b[^{}]*$")
COMPUTED = re.compile(r"\bvar\s+[\w`]+\s*:[^=\n]*$")


def end_of_string(text, start):
    """The index after a string literal, whose quotes or number signs begin at `start`."""
    hashes = re.compile("#*").match(text, start)[0]
    quote = '"""' if text.startswith('"""', start + len(hashes)) else '"'
    index = start + len(hashes) + len(quote)
    while not text.startswith(quote + hashes, index):
        if text.startswith("\\" + hashes + "(", index):
            index = end_of_parentheses(text, index + 1 + len(hashes))
        elif text.startswith("\\" + hashes, index):
            index += 2 + len(hashes)
        else:
            index += 1
        if index >= len(text):
            raise ValueError(f"the string at {start} has no end")
    return index + len(quote) + len(hashes)


def end_of_comment(text, start):
    """The index after a comment, or None where none begins at `start`."""
    if text.startswith("//", start):
        end = text.find("\n", start)
        return len(text) if end < 0 else end
    if not text.startswith("/*", start):
        return None
    depth, index = 1, start + 2
    while depth:
        mark = re.compile(r"/\*|\*/").search(text, index)
        depth, index = depth + (1 if mark[0] == "/*" else -1), mark.end()
    return index


def end_of_parentheses(text, start):
    depth, index = 0, start
    while True:
        if re.compile('#*"').match(text, index):
            index = end_of_string(text, index)
            continue
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        index += 1
        if depth == 0:
            return index


def blanked(text):
    """The text with spaces in the place of strings and comments: each character stays where it is."""
    parts, index = [], 0
    while index < len(text):
        end = end_of_comment(text, index)
        if end is None and re.compile('#*"').match(text, index):
            end = end_of_string(text, index)
        if end is None:
            parts.append(text[index])
            index += 1
        else:
            parts.append(re.sub(r"[^\n]", " ", text[index:end]))
            index = end
    return "".join(parts)


def function_bodies(text):
    """Where the bodies of functions are: the indices after the opening brace and of the closing one."""
    bodies, open_braces, boundary = [], [], 0
    for brace in re.finditer(r"[{};]", blanked(text)):
        head = blanked(text[boundary:brace.start()]) if brace[0] == "{" else ""
        if brace[0] == "{":
            is_body = OPENING.search(head) or ACCESSOR.match(head) or COMPUTED.search(head.rstrip())
            open_braces.append((brace.end(), bool(is_body)))
        elif brace[0] == "}" and open_braces:
            start, is_body = open_braces.pop()
            if is_body:
                bodies.append((start, brace.start()))
        boundary = brace.end()
    return bodies


def edits(mutant, text):
    """What a mutant changes, as small as can be: first index, index after the last, and what comes there."""
    for original, replacement in mutant.blocks:
        start = text.index(original)
        head = len(os.path.commonprefix([original, replacement]))
        tail = len(os.path.commonprefix([original[head:][::-1], replacement[head:][::-1]]))
        yield start + head, start + len(original) - tail, replacement[head:len(replacement) - tail]


def is_balanced(text):
    depth = 0
    for brace in re.findall(r"[{}]", blanked(text)):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


class SwitchedFile:
    """A source file with mutants behind their numbers.

    `text` is what to build, `left_out` the mutants that cannot be written so, and `culprits(line)` those that may have caused an error
    of the compiler on that line.
    """

    def __init__(self, text, numbers):
        """Takes the numbers by mutant."""
        bodies, placed, self.left_out = function_bodies(text), {}, []
        for mutant in numbers:
            found = [self.innermost(bodies, edit) for edit in edits(mutant, text)]
            if None in found:
                self.left_out.append(mutant)
            else:
                placed[mutant] = found
        used = {body for found in placed.values() for body in found}
        # A body within another that is used as well: the outer one holds both.
        outermost = {body: min(other for other in used if other[0] <= body[0] and body[1] <= other[1]) for body in used}
        variants = {}
        for mutant, found in placed.items():
            for body, edit in zip(found, edits(mutant, text)):
                variants.setdefault(outermost[body], {}).setdefault(mutant, []).append(edit)
        self.text, self.spans, copied = "", [], 0
        for body in sorted(variants):
            changed = {mutant: self.changed(text, body, own) for mutant, own in variants[body].items()}
            self.text += text[copied:body[0]]
            for mutant, new in changed.items():
                if not is_balanced(new):
                    self.left_out.append(mutant)
                    continue
                self.append(f"\nif MutantSwitch.number == {numbers[mutant]} {{{new}\n}} else ", [mutant])
            self.append(f"{{{text[body[0]:body[1]]}\n}}\n", list(changed))
            copied = body[1]
        self.text += text[copied:]
        # Where a part of a mutant is left out, so is all of it: its number is never set.

    @staticmethod
    def innermost(bodies, edit):
        around = [body for body in bodies if body[0] <= edit[0] and edit[1] <= body[1]]
        return max(around) if around else None

    @staticmethod
    def changed(text, body, own):
        parts, index = [], body[0]
        for first, last, new in sorted(own):
            parts += [text[index:first], new]
            index = last
        return "".join(parts) + text[index:body[1]]

    def append(self, part, mutants):
        first = self.text.count("\n") + 1
        self.text += part
        self.spans.append((first, self.text.count("\n") + 1, mutants))

    def culprits(self, line):
        return [mutant for first, last, mutants in self.spans if first <= line <= last for mutant in mutants]
