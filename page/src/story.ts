// The plain half: the march as a story, then a quiz about it.

import type { Question, RunDocument } from "./document";
import { add, el } from "./dom";

const SCENES: Record<string, string> = {
  "What is the plan?": "gather",
  "Two ships, one long arc": "outbound",
  "What is in the tubes?": "loading",
  "How strong and how light must the rocket be?": "launch",
  "A meeting far from home": "meeting",
  "The road home": "homeward",
  "When are they home?": "utah",
};

export function story(run: RunDocument, show: (chapter: string) => void, has: (chapter: string) => boolean): HTMLElement {
  const root = el("article", { class: "story" });
  run.story.forEach((chapter) => {
    const part = el("section", {}, el("h2", {}, chapter.title), ...chapter.text.map((t) => el("p", {}, t)));
    const scene = SCENES[chapter.title] ?? (/minutes|Into the air/.test(chapter.title) ? "entry" : "");
    if (scene && has(scene)) {
      const button = el("button", { type: "button", class: "see" }, "See it above");
      button.addEventListener("click", () => show(scene));
      part.appendChild(button);
    }
    root.appendChild(part);
  });
  if (run.quiz.length) root.appendChild(quiz(run.quiz));
  return root;
}

function quiz(questions: Question[]): HTMLElement {
  let right = 0;
  let answered = 0;
  const score = el("p", { class: "score", "aria-live": "polite" });
  const root = el("section", { class: "quiz", id: "quiz" }, el("h2", {}, "Were you paying attention?"));
  questions.forEach((q, n) => {
    const box = el("fieldset", {}, el("legend", {}, `${n + 1}. ${q.question}`));
    const because = el("p", { class: "because", hidden: true });
    const buttons = q.answers.map((a, i) => {
      const b = el("button", { type: "button" }, a);
      b.addEventListener("click", () => {
        answered += 1;
        if (i === q.right) right += 1;
        buttons.forEach((x, k) => {
          x.disabled = true;
          if (k === q.right) x.classList.add("right");
          else if (k === i) x.classList.add("wrong");
        });
        because.hidden = false;
        because.textContent = `${i === q.right ? "Right." : "Not quite."} ${q.because}`;
        score.textContent = answered === questions.length ? `${right} of ${questions.length}. ${right === questions.length ? "You could fly it." : "Watch it again, the answers are all in there."}` : `${right} of ${answered} so far`;
      });
      return b;
    });
    add(box, el("div", { class: "answers" }, ...buttons), because);
    root.appendChild(box);
  });
  root.appendChild(score);
  return root;
}
