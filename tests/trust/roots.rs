//! Who may sign, and how that changes.

use dalaba::trust::{Holder, PayloadType, Role, Root, RootFault};

use crate::county::{key, root, signed};

fn written(root: &Root, people: &[u8]) -> Vec<u8> {
    signed(PayloadType::Root, root.payload(), people).write()
}

#[test]
fn the_first_root_stands_when_enough_of_its_own_keys_have_signed() {
    assert_eq!(Root::first(&written(&root(1), &[1, 3])), Ok(root(1)));
    assert_eq!(Root::first(&written(&root(1), &[1])), Err(RootFault::NotSigned));
    assert_eq!(Root::first(&written(&root(1), &[1, 4, 5])), Err(RootFault::NotSigned));
    assert_eq!(Root::first(b"{}"), Err(RootFault::NoRoot));
}

/// Counting one signature twice would let one person do what takes two.
#[test]
fn a_signature_counts_once_however_often_it_is_there() {
    let mut envelope = signed(PayloadType::Root, root(1).payload(), &[1]);
    envelope.signatures.push(envelope.signatures[0].clone());
    assert_eq!(Root::first(&envelope.write()), Err(RootFault::NotSigned));
    // Nor under another key's name.
    envelope.signatures[1].key = key(2).public().id();
    assert_eq!(Root::first(&envelope.write()), Err(RootFault::NotSigned));
}

#[test]
fn a_root_is_followed_by_one_that_both_have_signed() {
    let held = root(1);
    let mut next = root(1);
    next.version = 2;
    next.keys.push(Holder { name: "新来的".to_owned(), key: key(7).public() });
    let quorum = next.roles.get_mut(&Role::Root).unwrap();
    quorum.keys = [1, 7].map(|person| key(person).public().id()).into();
    assert_eq!(held.next(&written(&next, &[1, 2, 7])), Ok(next.clone()));
    assert_eq!(held.next(&written(&next, &[1, 7])), Err(RootFault::NotOurs));
    assert_eq!(held.next(&written(&next, &[1, 2])), Err(RootFault::NotSigned));
    next.version = 3;
    let skips = Err(RootFault::NotNext { held: 1, found: 3 });
    assert_eq!(held.next(&written(&next, &[1, 2, 7])), skips);
    assert_eq!(held.next(&written(&held, &[1, 2, 3])), Err(RootFault::NotNext { held: 1, found: 1 }));
}

#[test]
fn a_root_whose_roles_and_keys_do_not_fit_is_refused() {
    let spoil: [fn(&mut Root); 5] = [
        |root| drop(root.roles.remove(&Role::Publisher)),
        |root| root.roles.get_mut(&Role::Root).unwrap().threshold = 0,
        |root| root.roles.get_mut(&Role::Root).unwrap().threshold = 4,
        |root| root.roles.get_mut(&Role::Publisher).unwrap().keys.extend([key(9).public().id()]),
        |root| root.keys.push(root.keys[0].clone()),
    ];
    for spoil in spoil {
        let mut spoilt = root(1);
        spoil(&mut spoilt);
        assert_eq!(Root::first(&written(&spoilt, &[1, 2, 3])), Err(RootFault::Unsound), "{spoilt:?}");
    }
}
