/** htmx looks for `hx-on` by XPath, which happy-dom does not have. The tests use no `hx-on`. */
class NoMatches {
  createExpression() {
    return { evaluate: () => ({ iterateNext: () => null }) };
  }
}
Object.assign(globalThis, { XPathEvaluator: NoMatches });
