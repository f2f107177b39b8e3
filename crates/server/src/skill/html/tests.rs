//! Pages that are honest, and pages that are not.

use std::time::Duration;

use super::*;
use crate::clock::Clock;

/// Far more than any of these takes, far less than a quadratic reader would.
const SOON: Duration = Duration::from_secs(20);

fn markdown(html: &str) -> String {
    to_page(html, "https://a.com/b/", usize::MAX).markdown
}

#[test]
fn a_page_keeps_its_structure() {
    let page = to_page(
        "<!doctype html><html><head><title> A &amp; B\n </title><style>p{}</style></head><body>\
         <h1>Hello <em>World</em></h1><p>One\n two <a href='c.html'>three</a>, <a href=\"/d\">four</a>.</p>\
         <ul><li>a</li><li><p>b</p><ol start=3><li>x<li>y</ol></li><li>c</ul>\
         <blockquote><p>said<p>more</blockquote>\
         <pre><code>fn main() {\n    let a = `1`;\n}</code></pre><p>Use <code>cargo run</code> now.<br>Next<hr>\
         <img src=e.png alt='a cat'><img src=f.png>\
         <table><thead><tr><th>Name</th><th>Age</th></tr></thead><tr><td>Ann<td><b>4</b>2</tr></table>End",
        "https://a.com/b/",
        usize::MAX,
    );
    assert_eq!(page.title, "A & B");
    let expected = "# Hello World

One two [three](https://a.com/b/c.html), [four](https://a.com/d).

- a
- b
  3. x
  4. y
- c

> said
>
> more

```
fn main() {
    let a = `1`;
}
```

Use `cargo run` now.
Next

---

![a cat](https://a.com/b/e.png)

| Name | Age |
| --- | --- |
| Ann | 42 |

End";
    assert_eq!(page.markdown, expected, "{}", page.markdown);
}

#[test]
fn what_is_no_text_of_the_page_is_left_out() {
    let html = "a<script>if (a < b) { document.write('<p>no</p>') }</script>b<style>p > a { }</style>c\
                <noscript><p>no</p></noscript>d<svg><title>no</title><text>no</text></svg>e<!-- no -->f\
                <template><template>no</template>no</template>g<select><option>no</select>h";
    assert_eq!(markdown(html), "abcdefgh");
    let links =
        "<a href='javascript:alert(1)'>x</a> <a href=\" jAvA\nScript:y\">y</a> <a href='data:text/html,z'>z</a>";
    assert_eq!(markdown(links), "x y z");
}

#[test]
fn a_fence_is_longer_than_what_it_holds() {
    assert_eq!(markdown("<pre>```\nx\n````</pre>"), "`````\n```\nx\n````\n`````");
}

#[test]
fn what_is_never_closed_swallows_nothing() {
    assert_eq!(markdown("<a href=/x>one<p>two<p>three"), "[one](https://a.com/x)\n\ntwo\n\nthree");
    assert_eq!(markdown("<code>one<p>two"), "`one`\n\ntwo");
    assert_eq!(markdown("<li>one</ul></ul></blockquote></table></a></code></pre><p>two"), "- one\n\ntwo");
}

#[test]
fn nesting_of_any_depth_costs_no_stack() {
    for tag in ["div", "b", "a href=/x", "ul><li", "blockquote", "table><tr><td", "svg", "template", "p", "pre", "code"]
    {
        let name = tag.split([' ', '>']).next().expect("a name");
        let html = format!("{}deep{}", format!("<{tag}>").repeat(20_000), format!("</{name}>").repeat(20_000));
        let started = Clock::system().instant();
        // As small as a thread's stack ever is.
        let thread = std::thread::Builder::new().stack_size(128 * 1024);
        let text = thread.spawn(move || markdown(&html)).expect("a thread").join().expect("no overflow");
        assert!(started.elapsed() < SOON, "{tag} took {:?}", started.elapsed());
        assert!(text.len() < 400_000, "{tag}: {} bytes", text.len());
        assert_eq!(text.contains("deep"), !matches!(name, "svg" | "template"), "{tag}");
    }
}

#[test]
fn long_and_hostile_pages_take_time_by_their_length() {
    let repeated = |piece: &str| piece.repeat(1024 * 1024 / piece.len());
    let numbered = |count: usize, piece: &str| {
        (0..count).map(|number| piece.replace('#', &number.to_string())).collect::<Vec<_>>().concat()
    };
    for (name, html) in [
        ("paragraphs", repeated("<p>A sentence of some length, with a <a href=/x>link</a>.</p>").repeat(2)),
        ("open formatting", numbered(300, "<b x=#>") + &repeated("<p>x")),
        ("attributes", format!("<p {}>end", numbered(100_000, "a#=1 "))),
        ("one long attribute", format!("<a href='{}'>end</a>", repeated("x"))),
        ("one long link", format!("<a href=/x>{}</a>", repeated("word "))),
        ("lists", repeated("<ul><li>x")),
        ("quotes", repeated("<blockquote>x")),
        ("cells", format!("<table><tr>{}", repeated("<td>x"))),
        ("backquotes", format!("<pre>{}</pre>", repeated("`"))),
        ("entities", repeated("&amp;&notin;&#x110000;")),
        ("half tags", repeated("<a <b </c <!-")),
        ("comments", repeated("<!--<!--")),
        ("blanks", repeated(" \n\t")),
        ("nul", repeated("\0<\0")),
    ] {
        let started = Clock::system().instant();
        let page = to_page(&html, "https://a.com/", 8 * 1024 * 1024);
        assert!(started.elapsed() < SOON, "{name} took {:?}", started.elapsed());
        assert!(page.markdown.len() <= 9 * 1024 * 1024, "{name}: {} bytes", page.markdown.len());
    }
}

#[test]
fn a_page_ends_at_its_bound() {
    let page = to_page(&"<p>x</p>".repeat(10_000), "", 100);
    assert!((90..200).contains(&page.markdown.len()), "{}", page.markdown.len());
}
