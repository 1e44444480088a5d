import "./page.css"; document.title = "anabasis";
