import * as strings from "../strings/about.ts";

export function About() {
  return (
    <div class="about">
      <h3>{strings.aboutTitle}</h3>
      <dl>
        {strings.about.map(({ term, text }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
